package org.attunet.server;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.Bundle;
import org.attunet.predict.Segmenter;
import org.attunet.server.work.ServedModel;
import org.attunet.server.work.ServedModels;

/** Servers on a free port of this machine, over the models that the repository ships. */
public final class ServerForTest {
    /** Where the shipped models are. */
    public static final Path MODELS = Path.of("..", "models");

    private ServerForTest() {}

    /** A server of one shipped model, such as {@code hippocampus}, that logs to nowhere. */
    public static AttunetServer start(ServerConfig config, String model) {
        Path file = MODELS.resolve(model + ".zip");
        ServedModel served = ServedModel.of(model, Segmenter.open(file), Bundle.open(file));
        var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return AttunetServer.start(config, new ServedModels(List.of(served)), nowhere);
    }
}
