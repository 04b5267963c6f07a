package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;

/** One segmenter for all tasks of a process. */
class SharedModelTest {
    private final List<String> opened = Collections.synchronizedList(new ArrayList<>());
    private final List<String> closed = Collections.synchronizedList(new ArrayList<>());

    private SharedModel acquire(String key) {
        return SharedModel.acquire(key, () -> {
            opened.add(key);
            return segmenter(() -> closed.add(key));
        });
    }

    @Test
    void tasks_that_come_at_the_same_time_open_one_segmenter_between_them() throws Exception {
        ExecutorService tasks = Executors.newFixedThreadPool(8);
        try {
            var start = new CyclicBarrier(8);
            List<Future<Segmenter>> found = new ArrayList<>();
            for (int k = 0; k < 8; k++) {
                Callable<Segmenter> task = () -> {
                    start.await();
                    SharedModel shared = acquire("together");
                    shared.release();
                    return shared.segmenter();
                };
                found.add(tasks.submit(task));
            }
            Segmenter first = found.get(0).get();
            for (Future<Segmenter> one : found) {
                assertThat(one.get()).isSameAs(first);
            }
        } finally {
            tasks.shutdownNow();
        }
        assertThat(opened).containsExactly("together");
        assertThat(closed).isEmpty();
    }

    @Test
    void a_model_is_closed_when_another_has_come_and_its_last_task_is_over() {
        SharedModel first = acquire("a");
        SharedModel same = acquire("a");
        SharedModel second = acquire("b");
        first.release();
        assertThat(closed).doesNotContain("a");
        SharedModel back = acquire("a"); // tasks of two jobs in turn open nothing anew
        back.release();
        acquire("b").release();
        assertThat(opened).containsExactly("a", "b");
        same.release();
        assertThat(closed).containsExactly("a");
        second.release();
        assertThat(closed).as("the latest is kept for the next job").containsExactly("a");
        acquire("b").release();
        acquire("c").release();
        assertThat(opened).containsExactly("a", "b", "c");
        assertThat(closed).containsExactly("a", "b");
    }

    @Test
    void a_model_that_cannot_be_opened_is_tried_again_by_the_next() {
        assertThatThrownBy(() -> SharedModel.acquire("broken", () -> {
                    throw new AttunetException("model.zip", "it is no bundle", "a bundle", "give one");
                }))
                .isInstanceOf(AttunetException.class);
        acquire("broken").release();
        assertThat(opened).containsExactly("broken");
    }

    private static Segmenter segmenter(Runnable closing) {
        NetworkConfig network = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));
        var model = ModelDescription.of(
                "m", network, Preprocessing.of(1, new Normalisation.Identity()), LabelSet.of(Map.of(1, "x")), 8, 8);
        return Segmenter.of(new ClosedEngine(network, closing), model, SegmenterOptions.defaults());
    }

    /** An engine that tells when it is closed, and is asked for nothing else here. */
    private record ClosedEngine(NetworkConfig network, Runnable closing) implements Engine {
        @Override
        public Output run(float[] input, int batch, int[] size, boolean attention) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> gates() {
            return List.of();
        }

        @Override
        public void close() {
            closing.run();
        }
    }
}
