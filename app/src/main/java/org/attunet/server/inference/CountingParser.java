package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/**
 * A parser for objects of not too many members. Whoever looks for duplicates keeps the names of all members of each object
 * that is open, skipped ones too, and a body may be nothing but names.
 */
final class CountingParser extends JsonParserDelegate {
    /** Of an object. With names of 1024 letters in 32 objects within each other that is 16 MiB at most. */
    static final int MOST_MEMBERS = 256;

    private final int[] members;
    private int depth;

    /**
     * @param deepest how deep the parser lets objects and arrays be within each other
     */
    CountingParser(JsonParser parser, int deepest) {
        super(parser);
        members = new int[deepest + 2];
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        JsonToken token = super.nextToken();
        if (token == JsonToken.FIELD_NAME) {
            if (++members[depth] > MOST_MEMBERS) {
                throw HttpFailure.bad("the request has an object of more than " + MOST_MEMBERS
                        + " members; expected at most those, and no others than the protocol knows");
            }
        } else if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
            members[++depth] = 0;
        } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
            depth--;
        }
        return token;
    }

    @Override
    public JsonParser skipChildren() throws IOException {
        JsonToken token = currentToken();
        if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
            for (int outside = depth - 1; depth > outside; ) {
                if (nextToken() == null) {
                    break; // the body broke off, which who reads on is told
                }
            }
        }
        return this;
    }
}
