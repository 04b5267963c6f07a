package org.attunet.server.http;

/** A failure that is answered with its own status and one sentence for the client. */
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

    /** Returns 404. */
    public static HttpFailure notFound(String what, String remedy) {
        return new HttpFailure(404, "there is no " + what + "; " + remedy);
    }

    /** Returns 400: the request is malformed. */
    public static HttpFailure bad(String found, String expected) {
        return new HttpFailure(400, found + "; expected " + expected);
    }

    /** Returns 422: the request is well formed but can't be served. */
    public static HttpFailure unsuitable(String found, String expected) {
        return new HttpFailure(422, found + "; expected " + expected);
    }

    /** Returns 413: the request is larger than the server accepts. */
    public static HttpFailure tooLarge(String found, String expected) {
        return new HttpFailure(413, found + "; expected " + expected);
    }

    /** Returns the status of the response. */
    public int status() {
        return status;
    }
}
