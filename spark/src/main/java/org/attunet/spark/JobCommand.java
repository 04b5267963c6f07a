package org.attunet.spark;

import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.attunet.console.Console;
import org.attunet.console.ProgressDisplay;
import org.attunet.error.AttunetException;
import org.attunet.spark.job.JobFailure;
import org.attunet.spark.job.Progress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** A command that runs a job on Spark: starts a session, unless spark-submit has, and stops it at the end. */
abstract class JobCommand implements Callable<Integer> {
    /** System property of the launcher: the jars to send to a cluster. Absent under spark-submit, which sends them itself. */
    private static final String JARS = "attunet.spark.jars";

    /** As the launcher sets them: waiting threads sleep, freed native memory is returned. */
    private static final Map<String, String> EXECUTOR_ENVIRONMENT = Map.of(
            "OMP_WAIT_POLICY", "PASSIVE",
            "OPENBLAS_NUM_THREADS", "1",
            "TORCH_CPP_LOG_LEVEL", "FATAL",
            "MALLOC_ARENA_MAX", "2");

    @ParentCommand
    private Main main;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Where tasks run: local[N], spark://HOST:PORT (default: spark-submit's, else local[*]).")
    private @Nullable String master;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark, such as spark.executor.memory=4g; may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    final Console console() {
        return main.console();
    }

    @Override
    public final Integer call() {
        SparkSession spark = start();
        try {
            return run(spark);
        } finally {
            spark.stop();
        }
    }

    /** Runs the job and returns the exit code. */
    abstract int run(SparkSession spark);

    /** Sets defaults of the command, with {@code setIfMissing}. */
    void setDefaults(SparkConf conf) {}

    private SparkSession start() {
        requireJava();
        try {
            SparkSession spark = SparkSession.builder().config(configuration()).getOrCreate();
            if (main.verbose() && System.getProperty(JARS) != null) {
                spark.sparkContext().setLogLevel("WARN"); // under spark-submit the cluster's own level stays
            }
            return spark;
        } catch (Exception e) { // Spark's checked exceptions pass through Scala undeclared
            throw new AttunetException(
                    "Spark",
                    "it doesn't start (" + JobFailure.reason(e) + ")",
                    "a master that can be reached, and settings that it knows",
                    "check --master and --conf; -v shows Spark's log",
                    e);
        }
    }

    /** Asks Hadoop for the user, as Spark does later; on a Java that is too new Hadoop fails here. */
    private static void requireJava() {
        try {
            UserGroupInformation.getCurrentUser();
        } catch (UnsupportedOperationException e) {
            throw new AttunetException(
                    System.getProperty("java.home"),
                    "Hadoop's libraries don't run on Java " + Runtime.version().feature(),
                    "Java 17 or 21",
                    "set JAVA_HOME to one of them",
                    e);
        } catch (IOException e) {
            throw new AttunetException(
                    "Hadoop",
                    "it can't determine the user (" + e.getMessage() + ")",
                    "a user",
                    "check its configuration",
                    e);
        }
    }

    private SparkConf configuration() {
        var conf = new SparkConf();
        settings.forEach(conf::set);
        if (master != null) {
            conf.setMaster(master);
        }
        conf.setIfMissing("spark.master", "local[*]");
        conf.setIfMissing("spark.app.name", "attunet");
        conf.setIfMissing("spark.executor.heartbeatInterval", "2s"); // heartbeats carry the progress
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        String jars = System.getProperty(JARS);
        String where = conf.get("spark.master");
        if (jars != null && where.startsWith("local-cluster")) {
            // Local executors lack the parts of Spark's own dependencies that are among our jars.
            conf.setIfMissing("spark.executor.extraClassPath", jars.replace(',', File.pathSeparatorChar));
        } else if (jars != null && !where.matches("local(\\[.*)?")) {
            conf.setIfMissing("spark.jars", jars);
        }
        if (where.startsWith("local")) {
            conf.setIfMissing("spark.ui.enabled", "false"); // it would open a port
        }
        EXECUTOR_ENVIRONMENT.forEach((name, value) -> conf.setIfMissing("spark.executorEnv." + name, value));
        setDefaults(conf);
        return conf;
    }

    /** Opens a progress display, which notes that no task has begun until the first progress. */
    final ProgressDisplay display(String task) {
        ProgressDisplay display = ProgressDisplay.share(console(), task);
        display.note("no task has begun yet");
        return display;
    }

    /**
     * Returns a listener that shows a job's progress.
     *
     * @param unit such as {@code cases}; empty if the numbers mean nothing by themselves
     */
    static Progress showing(ProgressDisplay display, String unit) {
        return (done, total) -> {
            display.reached(done, total);
            display.note(unit.isEmpty() ? "" : done + " of " + total + " " + unit);
        };
    }
}
