package org.attunet.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.server.Client;

/** One exchange on a connection of its own, so that a test sees exactly what became of it. */
record HttpRaw(int status, String head, byte[] body) {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: (\\d+)");

    /**
     * Sends a file and reads the whole answer.
     *
     * @throws IOException where the connection was refused or closed without a byte of an answer
     * @throws AssertionError where an answer began and broke off
     */
    static HttpRaw post(Socket socket, String path, byte[] file) throws IOException {
        byte[] body = Client.body(List.of(Client.Part.of("scan.nii.gz", file)));
        String request = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + body.length
                + "\r\nContent-Type: multipart/form-data; boundary=----test-boundary-7d9f\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        return read(socket.getInputStream());
    }

    private static HttpRaw read(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                if (head.length() == 0) {
                    throw new EOFException();
                }
                throw new AssertionError("the answer broke off: " + head);
            }
            head.append((char) next);
        }
        Matcher length = LENGTH.matcher(head);
        int expected = length.find() ? Integer.parseInt(length.group(1)) : 0;
        byte[] body = in.readNBytes(expected);
        if (body.length < expected) {
            throw new AssertionError("the answer's body broke off: " + head);
        }
        return new HttpRaw(Integer.parseInt(head.substring(9, 12)), head.toString(), body);
    }
}
