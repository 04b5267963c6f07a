package org.attunet.server;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.Precision;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;

/** A server on a free port with the models of the repository, its log, and a client that speaks to it. */
public final class LiveServer extends Client implements AutoCloseable {
    /** The bundles that come with the project. */
    public static final Path MODELS = Path.of("..", "models");

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final AttunetServer server;
    private boolean closed;

    /** Starts a server for nuclei (2D) and the hippocampus (3D). */
    public LiveServer(Path work, UnaryOperator<ServerConfig> change) {
        this(change.apply(ServerConfig.local(work)), List.of("nuclei", "hippocampus"));
    }

    /** Starts a server for some of the project's models. */
    public LiveServer(ServerConfig config, List<String> names) {
        super(0);
        List<ServedModel> models = new ArrayList<>();
        for (String name : names) {
            Path file = MODELS.resolve(name + ".zip");
            models.add(ServedModel.of(name, segmenter(name), Bundle.open(file)));
        }
        server = AttunetServer.start(
                config, new ServedModels(models), new PrintStream(log, true, StandardCharsets.UTF_8));
        use(server.port());
    }

    /** A server of one of the project's models, without a client, that logs to nowhere. */
    public static AttunetServer bare(ServerConfig config, String name) {
        var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Bundle bundle = Bundle.open(MODELS.resolve(name + ".zip"));
        ServedModel model = ServedModel.of(name, segmenter(name), bundle);
        return AttunetServer.start(config, new ServedModels(List.of(model)), nowhere);
    }

    /** The same model as the server's, for what it should answer. */
    public static Segmenter segmenter(String name) {
        return Segmenter.open(
                MODELS.resolve(name + ".zip"),
                SegmenterOptions.defaults(),
                OnnxOptions.defaults().withThreads(1),
                Precision.FP32);
    }

    /** Where it listens. */
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
