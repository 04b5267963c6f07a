package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
    @TempDir
    Path folder;

    /** The main class of another process: locks the file, says so, and waits to be killed. */
    static final class Other {
        private Other() {}

        public static void main(String[] args) throws Exception {
            System.out.write(ProcessLock.take(Path.of(args[0]), true) == null ? 'n' : 'y');
            System.out.flush();
            Thread.sleep(60_000);
        }
    }

    private Process other(Path file) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path") + File.pathSeparator + "target/classes",
                        Other.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void a_lock_is_held_once_names_its_process_and_leaves_no_file() throws IOException {
        Path file = folder.resolve(".lock");
        ProcessLock lock = ProcessLock.take(file, true);
        assertThat(lock).isNotNull();
        assertThat(ProcessLock.take(file, true)).isNull();
        assertThat(ProcessLock.holder(file)).isEqualTo("this process");
        lock.close();
        assertThat(file).doesNotExist();
        ProcessLock again = ProcessLock.take(file, true);
        assertThat(again).isNotNull();
        again.close();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_lock_in_a_groups_folder_can_be_taken_by_the_group() throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxr-x"));
        ProcessLock lock = ProcessLock.take(shared.resolve(".lock"), true);
        assertThat(lock).isNotNull();
        assertThat(Files.getPosixFilePermissions(shared.resolve(".lock"))).contains(PosixFilePermission.GROUP_WRITE);
        lock.close();
    }

    @Test
    void another_process_holds_it_until_it_is_killed() throws Exception {
        Path file = folder.resolve(".lock");
        Process other = other(file);
        try {
            assertThat(other.getInputStream().read()).isEqualTo('y');
            assertThat(ProcessLock.take(file, true)).isNull();
            assertThat(ProcessLock.holder(file)).startsWith("process " + other.pid());
        } finally {
            other.destroyForcibly();
        }
        other.waitFor();
        assertThat(file).exists(); // left behind by the kill, but unlocked
        ProcessLock mine = ProcessLock.take(file, true);
        assertThat(mine).isNotNull();
        // Neither a second try nor asking for the holder releases it.
        assertThat(ProcessLock.take(file, true)).isNull();
        assertThat(ProcessLock.holder(file)).isEqualTo("this process");
        Process late = other(file);
        assertThat(late.getInputStream().read()).isEqualTo('n');
        late.destroyForcibly();
        mine.close();
    }

    @Test
    void a_file_that_cannot_be_opened_is_an_error_and_an_unknown_holder_has_no_name() throws IOException {
        Files.createDirectories(folder.resolve("in the way/x"));
        assertThatThrownBy(() -> ProcessLock.take(folder.resolve("in the way"), false))
                .isInstanceOf(IOException.class);
        assertThat(ProcessLock.holder(folder.resolve("none"))).isEqualTo("another process");
        Files.writeString(folder.resolve("odd"), "rm -rf\u001b[31m");
        assertThat(ProcessLock.holder(folder.resolve("odd"))).isEqualTo("another process");
    }
}
