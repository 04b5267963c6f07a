package org.attunet.server.http;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body was compressed with gzip or deflate, as all routes see it: expanded, of unknown length. Expanded bodies
 * have the limit of others, so that a small body can't become an endless one. Deflate is read with and without zlib's frame,
 * as clients send both.
 */
final class InflatedBody extends Request.Wrapper {
    static final String ACCEPTED = "gzip, deflate";

    /** The attribute that holds the request as the client sends it, of type {@link Request}. */
    static final String AS_SENT = "attunet.as_sent";

    private static final int PIECE = 1 << 16;

    private final HttpFields headers;
    private final Content.Source content;

    private InflatedBody(Request request, boolean gzip, long most) {
        super(request);
        setAttribute(AS_SENT, request);
        headers = HttpFields.build(request.getHeaders())
                .remove(HttpHeader.CONTENT_ENCODING)
                .remove(HttpHeader.CONTENT_LENGTH)
                .put(HttpHeader.TRANSFER_ENCODING, "chunked");
        var pieces = new ByteBufferPool.Sized(request.getComponents().getByteBufferPool(), false, PIECE);
        content = Content.Source.from(pieces, new Expanded(Content.Source.asInputStream(request), gzip, most));
    }

    /** Returns a request as it is, or with its body expanded. */
    static Request of(Request request, long most) {
        String encoding = encoding(request.getHeaders().get(HttpHeader.CONTENT_ENCODING));
        boolean gzip = encoding.equals("gzip") || encoding.equals("x-gzip");
        boolean known = Exchange.hasBody(request) && (gzip || encoding.equals("deflate"));
        return known ? new InflatedBody(request, gzip, most) : request;
    }

    /** Returns the encoding in lower case, empty for none. */
    static String encoding(@Nullable String header) {
        String encoding = header == null ? "" : header.strip().toLowerCase(Locale.ROOT);
        return encoding.equals("identity") ? "" : encoding;
    }

    @Override
    public HttpFields getHeaders() {
        return headers;
    }

    @Override
    public long getLength() {
        return -1;
    }

    @Override
    public Content.@Nullable Chunk read() {
        return content.read();
    }

    @Override
    public void demand(Runnable callback) {
        content.demand(callback);
    }

    @Override
    public void fail(Throwable failure) {
        content.fail(failure);
        super.fail(failure);
    }

    @Override
    public boolean consumeAvailable() {
        return getWrapped().consumeAvailable();
    }

    /** Knows whether more will come, which {@link GZIPInputStream} asks before it looks for a further member. */
    private static final class Ahead extends BufferedInputStream {
        Ahead(InputStream body) {
            super(body, 1 << 15);
        }

        @Override
        public synchronized int available() throws IOException {
            mark(1);
            boolean more = read() >= 0;
            reset();
            return more ? Math.max(1, super.available()) : 0;
        }
    }

    /** Opened at the first read, which may wait for the client. */
    private static final class Expanded extends FilterInputStream {
        private final boolean gzip;
        private final long most;
        private boolean open;
        private long count;

        Expanded(InputStream body, boolean gzip, long most) {
            super(new Ahead(body));
            this.gzip = gzip;
            this.most = most;
        }

        private void open() throws IOException {
            if (open) {
                return;
            }
            open = true;
            if (gzip) {
                in = new GZIPInputStream(in, 1 << 15);
                return;
            }
            in.mark(2);
            int first = in.read();
            int second = in.read();
            in.reset();
            boolean framed = (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
            in = new InflaterInputStream(in, new Inflater(!framed), 1 << 15);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            open();
            int n = super.read(bytes, from, length);
            count += Math.max(0, n);
            if (count > most) {
                throw new BodyException(413, Exchange.tooLong(most));
            }
            return n;
        }
    }
}
