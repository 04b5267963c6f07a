package org.attunet.server.http;

/** An answer that tells a client what is wrong, with its status. */
public final class HttpFailure extends RuntimeException {
    private final int status;

    /**
     * @param status 400 or more
     * @param sentence what was found, what was expected, what to do
     */
    public HttpFailure(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** There is no such thing. */
    public static HttpFailure notFound(String what, String remedy) {
        return new HttpFailure(404, "there is no " + what + "; " + remedy);
    }

    /** The request is wrong. */
    public static HttpFailure bad(String sentence) {
        return new HttpFailure(400, sentence);
    }
}
