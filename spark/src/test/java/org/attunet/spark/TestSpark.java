package org.attunet.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Spark for tests, started when first asked for and kept: one process has one context of Spark at a time. */
public final class TestSpark {
    private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

    private TestSpark() {}

    /** Two tasks at a time in this process. */
    public static SparkSession local() {
        return session("local[2]", Map.of());
    }

    /**
     * Two executors, each a process of its own with one core. The serializer is Kryo, as many clusters have it.
     *
     * @param settings of Spark's, beyond
     */
    public static SparkSession cluster(Map<String, String> settings) {
        home();
        return session("local-cluster[2,1,2048]", settings);
    }

    /** Waits until no task runs: those of a job that failed go on for a while and write. */
    public static void settle() throws InterruptedException {
        var running = SparkSession.getDefaultSession();
        while (running.isDefined()
                && Arrays.stream(running.get().sparkContext().statusTracker().getExecutorInfos())
                        .anyMatch(executor -> executor.numRunningTasks() > 0)) {
            Thread.sleep(20);
        }
    }

    /** Stops what runs, its executors too. */
    public static void stop() {
        SparkSession.getDefaultSession().foreach(session -> {
            session.stop();
            return null;
        });
        SparkSession.clearDefaultSession();
        SparkSession.clearActiveSession();
        executors().forEach(executor -> executor.onExit().join());
    }

    /** The processes of the executors. */
    public static List<ProcessHandle> executors() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> commandLine(process.pid()).contains(EXECUTOR))
                .toList();
    }

    private static String commandLine(long process) {
        try {
            return Files.readString(
                    Path.of("/proc/" + process + "/cmdline")); // ProcessHandle knows its first 4 KiB only
        } catch (IOException over) {
            return "";
        }
    }

    /** Any master, with the settings that tests share and these beyond. */
    public static SparkSession session(String master, Map<String, String> settings) {
        var running = SparkSession.getDefaultSession();
        if (running.isDefined() && running.get().sparkContext().master().equals(master) && settings.isEmpty()) {
            return running.get();
        }
        stop();
        SparkConf conf = new SparkConf()
                .setMaster(master)
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.sql.shuffle.partitions", "2")
                .set("spark.executor.heartbeatInterval", "1s")
                .set("spark.sql.warehouse.dir", Path.of("target", "warehouse").toString());
        if (!master.equals("local[2]")) {
            conf.set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                    .set("spark.executor.memory", "2g")
                    .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                    .set("spark.executor.extraJavaOptions", "-Djava.awt.headless=true -XX:TieredStopAtLevel=1");
        }
        settings.forEach(conf::set);
        return SparkSession.builder().config(conf).getOrCreate();
    }

    /** What SPARK_HOME names, where a local cluster's workers look for jars. */
    private static void home() {
        Path jars = Path.of(System.getenv("SPARK_HOME"), "jars");
        try {
            Files.createDirectories(jars);
            for (String entry :
                    ManagementFactory.getRuntimeMXBean().getClassPath().split(java.io.File.pathSeparator)) {
                Path jar = Path.of(entry).toAbsolutePath();
                Path link = jars.resolve(jar.getFileName());
                if (entry.endsWith(".jar") && Files.notExists(link)) {
                    Files.createSymbolicLink(link, jar);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
