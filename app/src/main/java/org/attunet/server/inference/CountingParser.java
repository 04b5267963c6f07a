package org.attunet.server.inference;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.attunet.server.http.HttpFailure;
import org.jspecify.annotations.Nullable;

/**
 * A JSON parser that limits the number of members of an object. Duplicate detection keeps the names of all members of each
 * open object, skipped ones too, and a hostile body may consist of nothing but names.
 */
final class CountingParser extends JsonParserDelegate {
    /** The most members of one object: with names of 1024 characters in 32 nested objects they take 16 MiB at most. */
    static final int MOST_MEMBERS = 256;

    private final int[] members;
    private int depth;

    /** @param deepest the nesting depth that the parser allows */
    CountingParser(JsonParser parser, int deepest) {
        super(parser);
        members = new int[deepest + 2];
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        JsonToken token = super.nextToken();
        if (token == JsonToken.FIELD_NAME) {
            if (++members[depth] > MOST_MEMBERS) {
                throw HttpFailure.bad(
                        "the request has an object of more than " + MOST_MEMBERS + " members",
                        "at most that many, and only those of the protocol");
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
            int outside = depth - 1;
            while (depth > outside && nextToken() != null) {} // if the body breaks off, the next read reports it
        }
        return this;
    }
}
