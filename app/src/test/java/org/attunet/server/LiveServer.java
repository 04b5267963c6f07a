package org.attunet.server;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.Precision;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;

/** A running server on a free port, its log, and a client that speaks to it. {@link TestConfig} starts it. */
public final class LiveServer extends Client implements AutoCloseable {
    /** The bundles that come with the project. */
    public static final Path MODELS = Path.of("..", "models");

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final AttunetServer server;
    private boolean closed;

    LiveServer(ServerConfig config, ServedModel... models) {
        super(0);
        var stream = new PrintStream(log, true, StandardCharsets.UTF_8);
        server = AttunetServer.start(config, new ServedModels(List.of(models)), stream);
        use(server.port());
    }

    /** A model of the repository. */
    static ServedModel model(String name) {
        return ServedModel.of(name, segmenter(name), Bundle.open(MODELS.resolve(name + ".zip")));
    }

    /** The same model as the server's, for the expected results. */
    public static Segmenter segmenter(String name) {
        return Segmenter.open(
                MODELS.resolve(name + ".zip"),
                SegmenterOptions.defaults(),
                OnnxOptions.defaults().withThreads(1),
                Precision.FP32);
    }

    /** The address. */
    public String address() {
        return server.address();
    }

    /** The routes as "METHOD /path/{parameter}". */
    public List<String> routes() {
        return server.routes();
    }

    /** What the server has logged so far. */
    public String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            server.close();
        }
    }
}
