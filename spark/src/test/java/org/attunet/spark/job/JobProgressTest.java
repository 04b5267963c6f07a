package org.attunet.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.attunet.spark.TestSpark;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobProgressTest {
    @AfterEach
    void end() {
        TestSpark.stop();
    }

    @Test
    void it_is_heard_within_tasks_never_goes_back_when_one_fails_and_ends_at_the_total() throws Exception {
        SparkSession spark = TestSpark.session("local[2,3]", Map.of("spark.executor.heartbeatInterval", "100ms"));
        LongAccumulator counted = spark.sparkContext().longAccumulator("counted");
        List<Long> heard = Collections.synchronizedList(new ArrayList<>());
        try (var watched = JobProgress.watch(
                spark.sparkContext(), id -> id == counted.id(), 1000, (done, total) -> heard.add(done))) {
            JavaSparkContext.fromSparkContext(spark.sparkContext())
                    .parallelize(IntStream.range(0, 40).boxed().toList(), 4)
                    .foreach(number -> {
                        var task = org.apache.spark.TaskContext.get();
                        counted.add(1);
                        Thread.sleep(50); // so that heartbeats fall in between
                        if (number == 7 && task.attemptNumber() == 0) {
                            throw new IllegalStateException("the task is lost with 8 of its 10 counts");
                        }
                    });
            spark.sparkContext().listenerBus().waitUntilEmpty();
        }
        assertThat(heard).isSorted().doesNotHaveDuplicates();
        assertThat(heard.get(heard.size() - 1)).isEqualTo(40);
        assertThat(heard).as("more than each task's end").hasSizeGreaterThan(4);
    }
}
