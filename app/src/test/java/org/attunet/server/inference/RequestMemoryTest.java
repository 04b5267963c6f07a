package org.attunet.server.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.attunet.server.work.BusyException;
import org.attunet.server.work.HeapMemory;
import org.attunet.server.work.InputException;
import org.junit.jupiter.api.Test;

/** All requests together may fill 4 MiB of a heap of 8 MiB. */
class RequestMemoryTest {
    private static final long MIB = 1 << 20;

    private final HeapMemory memory = new HeapMemory(4 * MIB);

    @Test
    void what_one_request_takes_another_can_not_until_it_is_given_back() {
        try (HeapMemory.Share first = memory.share();
                HeapMemory.Share second = memory.share()) {
            first.take(3 * MIB);
            second.take(1);
            assertThatThrownBy(() -> second.take(MIB)).isInstanceOf(BusyException.class);
            first.give(2 * MIB);
            second.take(MIB);
        }
        try (HeapMemory.Share all = memory.share()) {
            all.take(4 * MIB);
        }
    }

    @Test
    void more_than_there_is_at_all_is_413_and_takes_nothing() {
        try (HeapMemory.Share part = memory.share()) {
            for (long much : new long[] {4 * MIB + 1, Long.MAX_VALUE}) {
                InputException failure = catchThrowableOfType(InputException.class, () -> part.take(much));
                assertThat(failure.fault()).isEqualTo(InputException.Fault.TOO_LARGE);
            }
            part.take(4 * MIB);
        }
    }

    @Test
    void a_body_takes_what_came_whatever_was_announced_and_gives_it_back() throws Exception {
        byte[] bytes = new byte[(int) (2 * MIB) + 5];
        new Random(3).nextBytes(bytes);
        try (HeapMemory.Share part = memory.share()) {
            RequestBody body = RequestBody.read(new ByteArrayInputStream(bytes), -1, 3 * MIB, part);
            assertThat(body.length()).isEqualTo(bytes.length);
            assertThat(body.stream(0, body.length()).readAllBytes()).isEqualTo(bytes);
            try (InputStream middle = body.stream(16_383, 1_500_000)) {
                assertThat(middle.readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, 16_383, 1_500_000));
            }
            body.clear();
            part.take(4 * MIB);
        }
        try (HeapMemory.Share part = memory.share()) {
            RequestBody.read(new ByteArrayInputStream(new byte[3]), 3 * MIB, 3 * MIB, part);
            part.take(3 * MIB);
            assertThatThrownBy(() -> RequestBody.read(new ByteArrayInputStream(bytes), -1, 2 * MIB, part))
                    .isInstanceOf(InputException.class);
        }
    }

    @Test
    void a_body_for_which_there_is_no_room_holds_nothing() {
        try (HeapMemory.Share other = memory.share();
                HeapMemory.Share part = memory.share()) {
            other.take(3 * MIB);
            var in = new ByteArrayInputStream(new byte[(int) (2 * MIB)]);
            assertThatThrownBy(() -> RequestBody.read(in, -1, 4 * MIB, part)).isInstanceOf(BusyException.class);
            other.take(MIB);
        }
    }
}
