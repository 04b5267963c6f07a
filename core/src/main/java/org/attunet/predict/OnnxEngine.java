package org.attunet.predict;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.attunet.error.AttunetException;
import org.attunet.image.Sizes;
import org.attunet.network.NetworkConfig;
import org.attunet.network.NetworkMemory;
import org.attunet.network.NetworkShape;

/**
 * Computes a network with ONNX Runtime: one input of (batch, channels, [z,] y, x), one output of logits and, for each
 * gate, an output {@code attention_GATE}.
 *
 * <p>Thread-safe; all threads share one session. Inputs and outputs are copied to direct buffers, which later calls of
 * about the same size reuse. The memory of a large run is given back after it. A run ends at once when its thread is
 * interrupted, with {@link java.util.concurrent.CancellationException}: the thread stays interrupted, and the library
 * finishes the operation under way, which takes up to seconds for a large block, before it frees the run's memory.
 */
public final class OnnxEngine implements Engine {
    private static final String ATTENTION = "attention_";
    private static final String REMEDY = "export the model again";
    private static final int MOST_KEPT = 1 << 21; // floats of a buffer that is reused

    private final OrtSession session;
    private final SessionCalls calls;
    private final NetworkShape network;
    private final String input;
    private final String logits;
    private final Set<String> gates;
    private final Queue<Buffers> free = new ConcurrentLinkedQueue<>();

    private OnnxEngine(OrtSession session, NetworkShape network) throws OrtException {
        this.session = session;
        this.network = network;
        calls = new SessionCalls(session);
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        gates = new LinkedHashSet<>();
        for (String name : session.getOutputNames()) {
            if (name.startsWith(ATTENTION)) {
                gates.add(name);
            }
        }
        logits = only(
                outputs.keySet().stream().filter(name -> !gates.contains(name)).toList(), "output of logits");
        input = only(List.copyOf(session.getInputNames()), "input");
        check("input " + input, Objects.requireNonNull(session.getInputInfo().get(input)), network.channels());
        check("output " + logits, Objects.requireNonNull(outputs.get(logits)), network.outputs());
    }

    /**
     * Opens a model in memory.
     *
     * @param model the bytes of an ONNX file, not kept
     * @param name the model's file, for messages
     * @param network the expected inputs and outputs
     * @param options how ONNX Runtime computes
     * @return the engine
     * @throws AttunetException if ONNX Runtime refuses the model, or its inputs or outputs differ
     */
    public static OnnxEngine open(byte[] model, String name, NetworkShape network, OnnxOptions options) {
        try (var settings = new OrtSession.SessionOptions()) {
            settings.setIntraOpNumThreads(options.threads());
            settings.setInterOpNumThreads(1);
            // With it, the second block of a size takes another region of memory beside the first one's.
            settings.setMemoryPatternOptimization(false);
            settings.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            // Denormal numbers slow the arithmetic down many times and change no label.
            settings.addConfigEntry("session.set_denormal_as_zero", "1");
            if (options.device().equals("cuda")) {
                cuda(settings);
            }
            OrtSession session = SessionCalls.inThread(() -> Shared.ENVIRONMENT.createSession(model, settings));
            try {
                return new OnnxEngine(session, network);
            } catch (OrtException | RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw new AttunetException(
                    name, "ONNX Runtime refuses the model (" + firstLine(e) + ")", "a complete ONNX model", REMEDY, e);
        } catch (AttunetException e) {
            throw new AttunetException(name, e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
        }
    }

    /** The one environment of the process, created on first use. */
    private static final class Shared {
        private static final int LOG_ERRORS = 3; // as in the library's C header

        static final OrtEnvironment ENVIRONMENT = quiet();

        /**
         * Creates the environment with logging of errors only and without telemetry, with which the library reports its use
         * on Windows.
         */
        private static OrtEnvironment quiet() {
            OrtEnvironment environment =
                    OrtEnvironment.getEnvironment(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "attunet");
            try {
                environment.setTelemetry(false);
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime's telemetry can't be turned off", e);
            }
            retain();
            return environment;
        }

        /**
         * Keeps the native environment until the process ends. The library's shutdown hook releases it while other threads
         * may still open models and compute, such as a server's that finish their requests, which crashes the process
         * (microsoft/onnxruntime, issue 31352). The environment is reference-counted, so one more reference outlasts the
         * hook; only a private method creates one. If a later version of the library lacks it, nothing is changed.
         */
        private static void retain() {
            try {
                Field api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
                Method create =
                        OrtEnvironment.class.getDeclaredMethod("createHandle", long.class, int.class, String.class);
                api.setAccessible(true);
                create.setAccessible(true);
                create.invoke(null, api.getLong(null), LOG_ERRORS, "attunet");
            } catch (ReflectiveOperationException | InaccessibleObjectException e) {
                System.getLogger(OnnxEngine.class.getName())
                        .log(System.Logger.Level.DEBUG, "a shutdown while a model is opened may crash", e);
            }
        }
    }

    /** {@return the version of ONNX Runtime} */
    public static String version() {
        return Shared.ENVIRONMENT.getVersion();
    }

    /** {@return whether this build of ONNX Runtime supports CUDA; opening a model fails if there is no GPU} */
    public static boolean hasCuda() {
        Objects.requireNonNull(Shared.ENVIRONMENT); // the providers are known after its creation
        return OrtEnvironment.getAvailableProviders().contains(ai.onnxruntime.OrtProvider.CUDA);
    }

    private static void cuda(OrtSession.SessionOptions settings) {
        try {
            settings.addCUDA(0);
        } catch (OrtException e) {
            throw new AttunetException(
                    "--device cuda",
                    "ONNX Runtime has no CUDA here (" + firstLine(e) + ")",
                    "a GPU with CUDA and the library onnxruntime_gpu",
                    "use --device cpu, or replace onnxruntime by onnxruntime_gpu",
                    e);
        }
    }

    @Override
    public NetworkShape network() {
        return network;
    }

    /**
     * The values that are alive at once, times what the library was measured to take for them: version 1.28 on Linux grew
     * by 1.3 to 1.65 times as much in 3D and 1.9 to 2.3 times in 2D, where it copies maps between two layouts. The most is
     * taken by the first block of a size, for which its arena grows in regions.
     */
    @Override
    public double bytesPerVoxel() {
        if (!(network instanceof NetworkConfig config)) {
            return TilePlanner.tenMaps(network);
        }
        return 4 * NetworkMemory.of(config) * (config.dimension() == 3 ? 1.7 : 2.4);
    }

    @Override
    public List<String> gates() {
        return gates.stream().map(OnnxEngine::gate).toList();
    }

    private static String gate(String output) {
        return output.substring(ATTENTION.length());
    }

    @Override
    public Output run(float[] values, int batch, int[] size, boolean attention) {
        return run(values, batch, size, attention, () -> {});
    }

    @Override
    public Output run(float[] values, int batch, int[] size, boolean attention, Runnable waiting) {
        long voxels = batch;
        for (int n : size) {
            voxels *= n;
        }
        int results = Math.toIntExact(voxels * network.outputs());
        boolean large = values.length > MOST_KEPT;
        try {
            return calls.call(large, waiting, options -> run(values, results, batch, size, attention, options));
        } catch (OrtException e) {
            throw new AttunetException(
                    "network",
                    "ONNX Runtime could not compute it (" + firstLine(e) + ")",
                    "enough memory and a sound model",
                    "give less memory to one tile with --memory, or " + REMEDY,
                    e);
        }
    }

    private Output run(
            float[] values, int results, int batch, int[] size, boolean attention, OrtSession.RunOptions options)
            throws OrtException {
        Buffers buffers = takeBuffers(values.length, results);
        buffers.input.clear().limit(values.length);
        buffers.input.put(values).flip();
        buffers.output.clear().limit(results);
        try {
            return run(buffers, batch, size, attention, options);
        } finally {
            if (Math.max(values.length, results) <= MOST_KEPT) {
                free.add(buffers);
            }
        }
    }

    private Output run(Buffers buffers, int batch, int[] size, boolean attention, OrtSession.RunOptions options)
            throws OrtException {
        OrtEnvironment environment = Shared.ENVIRONMENT;
        try (OnnxTensor x = OnnxTensor.createTensor(
                        environment, buffers.input, Sizes.shape(size, batch, network.channels()));
                OnnxTensor y = OnnxTensor.createTensor(
                        environment, buffers.output, Sizes.shape(size, batch, network.outputs()));
                OrtSession.Result result =
                        session.run(Map.of(input, x), attention ? gates : Set.of(), Map.of(logits, y), options)) {
            float[] values = new float[buffers.output.remaining()];
            buffers.output.get(values);
            List<AttentionMap> maps = new ArrayList<>();
            if (attention) {
                for (String gate : gates) {
                    maps.add(map(gate, (OnnxTensor) result.get(gate).orElseThrow()));
                }
            }
            return new Output(values, maps);
        }
    }

    private static AttentionMap map(String output, OnnxTensor tensor) {
        long[] shape = tensor.getInfo().getShape(); // (B, maps, [z,] y, x)
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return new AttentionMap(gate(output), Math.toIntExact(shape[1]), Sizes.ofShape(shape), values);
    }

    /** Returns unused buffers of at least these capacities. */
    private Buffers takeBuffers(int inputs, int outputs) {
        Buffers buffers = free.poll();
        boolean fits = buffers != null && buffers.input.capacity() >= inputs && buffers.output.capacity() >= outputs;
        return buffers != null && fits ? buffers : new Buffers(direct(inputs), direct(outputs));
    }

    private record Buffers(FloatBuffer input, FloatBuffer output) {}

    private static FloatBuffer direct(int values) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(4, values))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static String only(List<String> names, String what) {
        if (names.size() != 1) {
            throw new AttunetException("model", names.size() + " of them: " + names, "one " + what, REMEDY);
        }
        return names.get(0);
    }

    private void check(String what, NodeInfo info, int channels) {
        int axes = network.dimension() + 2;
        boolean tensor = info.getInfo() instanceof TensorInfo found
                && found.type == ai.onnxruntime.OnnxJavaType.FLOAT
                && found.getShape().length == axes
                && (found.getShape()[1] == channels || found.getShape()[1] == -1);
        if (!tensor) {
            throw new AttunetException(
                    what,
                    info.getInfo().toString(),
                    "float32 of " + axes + " axes, " + channels + " channels",
                    "keep model.onnx and its description of one export together");
        }
    }

    private static String firstLine(OrtException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    }

    /** Frees the session, after the calls that are running. */
    @Override
    public void close() {
        free.clear();
        calls.close();
    }
}
