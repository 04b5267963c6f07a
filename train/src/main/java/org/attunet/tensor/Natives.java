package org.attunet.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch once, safely, and sets its threads. The first load on a machine runs {@link SelfTest}.
 *
 * <p>On the first start the native cache is empty, and the loader opens {@code libtorch.so} before
 * {@code libtorch_cpu.so} is unpacked beside it; a libtorch that is installed on the system is then taken instead, which crashes
 * the JVM. Therefore the libraries are unpacked in the order of their dependencies before the first load.
 */
public final class Natives {
    private static final String[] UNPACKED_FIRST = {
        "libgomp.so.1", "libc10.so", "libtorch_cpu.so", "libomp.dylib", "libc10.dylib", "libtorch_cpu.dylib"
    };

    /** The builds of libtorch as their folders are called: with CUDA (Maven profile {@code gpu}) and without. */
    private static final String[] BUILDS = {"-gpu", ""};

    private static final Pattern ONEDNN = Pattern.compile("(?:oneDNN|MKL-DNN|DNN Library)[^v\\n]* v([0-9.]+)");

    private static final String LOADING = "org.bytedeco.javacpp.loadLibraries";

    private static volatile boolean loaded;
    private static volatile Set<Precaution> precautions = Set.of();

    private Natives() {}

    /**
     * Loads libtorch if that has not been done. Safe from any thread; costs about a second the first time, and unpacks
     * 435 MB into the user's native cache ({@code ~/.javacpp/cache}) on the first run ever.
     *
     * @throws AttunetException if the machine has no natives or they can't be unpacked
     */
    public static synchronized void load() {
        if (loaded) {
            return;
        }
        try {
            unpack();
            start(SelfTest.precautions());
        } catch (IOException | LinkageError | RuntimeException e) {
            throw new AttunetException(
                    "libtorch",
                    "the native library can't be loaded on " + Loader.getPlatform() + " (" + e.getMessage() + ")",
                    "natives for this platform and about 1 GB of free space in the user's home folder",
                    "free space, or set -Dorg.bytedeco.javacpp.cachedir to a writable folder",
                    e);
        }
    }

    /** Loads libtorch with these precautions and no self-test. */
    static synchronized void load(Set<Precaution> given) {
        try {
            unpack();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(given);
    }

    private static void start(Set<Precaution> given) {
        acceptOpenBlas();
        Loader.load(torch.class);
        // NNPACK, which convolves on few processors and only batches of 16 or more, reports each time that it can't.
        torch.globalContext().setUserEnabledNNPACK(false);
        if (given.contains(Precaution.NO_ONEDNN)) {
            torch.globalContext().setUserEnabledMkldnn(false);
        }
        if (given.contains(Precaution.NO_PRIMITIVE_CACHE)) {
            torch.set_env("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0", true); // read at oneDNN's first use
        }
        precautions = given;
        loaded = true;
    }

    /** Whether this process avoids a part of libtorch, as the self-test of this processor demands; loads libtorch. */
    public static boolean avoids(Precaution precaution) {
        if (!loaded) {
            load();
        }
        return precautions.contains(precaution);
    }

    private static void unpack() throws IOException {
        for (String library : UNPACKED_FIRST) {
            for (String build : BUILDS) {
                String resource = "/org/bytedeco/pytorch/" + Loader.getPlatform() + build + "/" + library;
                URL url = Loader.findResource(torch.class, resource);
                if (url != null) {
                    Loader.cacheResource(url);
                }
            }
        }
    }

    /**
     * Initializes the class whose static block compares OpenBLAS's release with JavaCPP's and prints a warning: the two
     * differ by intent, and with loading switched off it compares without a word.
     */
    private static void acceptOpenBlas() {
        String before = System.getProperty(LOADING);
        System.setProperty(LOADING, "false");
        try {
            Class.forName(org.bytedeco.openblas.presets.openblas_nolapack.class.getName());
        } catch (ClassNotFoundException e) {
            throw new LinkageError("OpenBLAS's Java classes are missing", e);
        } finally {
            if (before == null) {
                System.clearProperty(LOADING);
            } else {
                System.setProperty(LOADING, before);
            }
        }
    }

    /** The version of oneDNN, which computes convolutions on the CPU; "none" if this libtorch has none. */
    public static String oneDnn() {
        load();
        Matcher version = ONEDNN.matcher(torch.show_config().getString());
        return version.find() ? version.group(1) : "none";
    }

    /** The instruction set that libtorch's own operations use here, such as AVX512. */
    public static String instructionSet() {
        load();
        return torch.get_cpu_capability().getString();
    }

    /** The precautions that this process takes. */
    public static Set<Precaution> precautions() {
        load();
        return precautions;
    }

    /** Whether a GPU, its driver and the CUDA natives (Maven profile {@code gpu}) are there. */
    public static boolean cuda() {
        load();
        return torch.cuda_is_available();
    }

    /**
     * Sets the number of threads that a single operation of the calling thread may use, 1 or more; threads that have not
     * used libtorch yet start with the number that was set last by any.
     */
    public static void threads(int count) {
        load();
        // libtorch gives a thread the last number at its first use; asked first, that use is over.
        torch.get_num_threads();
        torch.set_num_threads(avoids(Precaution.ONE_THREAD) ? 1 : count);
    }

    /**
     * Sets the number of threads of OpenBLAS, with which libtorch multiplies matrices, for the whole process, 1 or more.
     * {@link #threads} doesn't affect its pool, which has a thread for each core. Those threads wait actively, so they slow
     * down other threads and processes that compute.
     */
    public static void blasThreads(int count) {
        load();
        openblas_nolapack.blas_set_num_threads(count);
    }
}
