package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.io.ImageFormat;
import org.attunet.io.Images;
import org.attunet.predict.Segmenter;

/** Answers a PNG picture with its mask: {@code curl --data-binary @cells.png http://127.0.0.1:8000/ > mask.png}. */
public final class WebService {
    private static final long MOST_BYTES = 64 << 20;

    private WebService() {}

    /** Takes the path of a bundle and a port; 0 for any. */
    public static void main(String[] args) throws IOException {
        Segmenter segmenter = Segmenter.open(Path.of(args[0])); // serves all threads until the program ends
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newFixedThreadPool(2));
        server.createContext("/", exchange -> answer(segmenter, exchange));
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private static void answer(Segmenter segmenter, HttpExchange exchange) throws IOException {
        var body = new ByteArrayOutputStream();
        int status = 200;
        try (exchange) {
            try {
                Image image = Images.read(exchange.getRequestBody(), ImageFormat.PNG, MOST_BYTES);
                Images.write(segmenter.segment(image).labels(), body, ImageFormat.PNG);
            } catch (AttunetException e) {
                status = 422;
                body.writeBytes(e.getMessage().getBytes(StandardCharsets.UTF_8));
            }
            exchange.sendResponseHeaders(status, body.size());
            body.writeTo(exchange.getResponseBody());
        }
    }
}
