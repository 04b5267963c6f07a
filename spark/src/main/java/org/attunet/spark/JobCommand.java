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
import org.attunet.spark.segment.SegmentJob;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** A command that runs as a job of Spark: parses, starts Spark unless spark-submit has, calls the job, prints. */
abstract class JobCommand implements Callable<Integer> {
    /** The jars that go to a cluster, as the launcher tells them; absent under spark-submit, which has them. */
    private static final String JARS = "attunet.spark.jars";

    @ParentCommand
    private Main main;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "Where tasks run: local[N], spark://HOST:PORT (default: what spark-submit says, else local[*]).")
    private @Nullable String master;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark, such as spark.executor.memory=4g; may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** Where this command writes. */
    final Console console() {
        return main.console();
    }

    @Override
    public final Integer call() {
        SparkSession spark = started();
        try {
            return run(spark);
        } finally {
            spark.stop();
        }
    }

    private SparkSession started() {
        requireJava();
        try {
            SparkSession spark = session();
            if (main.verbose() && System.getProperty(JARS) != null) {
                spark.sparkContext().setLogLevel("WARN"); // under spark-submit the cluster's own choice stays
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

    /** Asks Hadoop for the user as Spark does later, which Hadoop's present libraries can't tell on a Java that is too new. */
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
                    "it can't tell the user (" + e.getMessage() + ")",
                    "a user",
                    "check its configuration",
                    e);
        }
    }

    /** The command's work. */
    abstract int run(SparkSession spark);

    /** Settings that suit the command where nobody has others. */
    void suit(SparkConf conf) {}

    /** Shows how far a job is; until its first task has begun, that it waits for one. */
    final ProgressDisplay begun(String task) {
        ProgressDisplay progress = ProgressDisplay.share(console(), task);
        progress.note("no task has begun yet");
        return progress;
    }

    /**
     * How a job's progress is shown.
     *
     * @param units what it counts, such as {@code cases}; empty where the numbers mean nothing by themselves
     */
    static SegmentJob.Progress shown(ProgressDisplay progress, String units) {
        return (done, total) -> {
            progress.reached(done, total);
            progress.note(units.isEmpty() ? "" : done + " of " + total + " " + units);
        };
    }

    private SparkSession session() {
        var conf = new SparkConf();
        settings.forEach(conf::set);
        if (master != null) {
            conf.setMaster(master);
        }
        conf.setIfMissing("spark.master", "local[*]");
        conf.setIfMissing("spark.app.name", "attunet");
        conf.setIfMissing("spark.executor.heartbeatInterval", "2s"); // progress comes with it
        String jars = System.getProperty(JARS);
        String where = conf.get("spark.master");
        if (jars != null && where.startsWith("local-cluster")) {
            // Executors on this machine: our jars hold parts of Spark's own closure too.
            conf.setIfMissing("spark.executor.extraClassPath", jars.replace(',', File.pathSeparatorChar));
        } else if (jars != null && !where.matches("local(\\[.*)?")) {
            conf.setIfMissing("spark.jars", jars);
        }
        if (where.startsWith("local")) {
            conf.setIfMissing("spark.ui.enabled", "false"); // a port that nobody asked for
        }
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        // As the launcher has it for this process: threads that wait for work sleep, and nothing is reported to
        // anybody.
        conf.setIfMissing("spark.executorEnv.OMP_WAIT_POLICY", "PASSIVE");
        conf.setIfMissing("spark.executorEnv.OPENBLAS_NUM_THREADS", "1");
        conf.setIfMissing("spark.executorEnv.ORT_DISABLE_TELEMETRY", "1");
        conf.setIfMissing("spark.executorEnv.TORCH_CPP_LOG_LEVEL", "FATAL");
        conf.setIfMissing("spark.executorEnv.MALLOC_ARENA_MAX", "2"); // else natives of ended threads' pools stay
        suit(conf);
        return SparkSession.builder().config(conf).getOrCreate();
    }
}
