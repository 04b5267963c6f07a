package org.attunet.server.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir
    private Path folder;

    /** The main class of another process: prints whether it could lock the folder. */
    static final class Other {
        private Other() {}

        public static void main(String[] args) {
            try (FolderLock lock = FolderLock.take(Path.of(args[0]))) {
                System.out.print("taken by " + lock.getClass().getSimpleName());
            } catch (AttunetException e) {
                System.out.print(e.found());
            }
        }
    }

    private String other() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path") + File.pathSeparator + "target/classes",
                        Other.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var out = process.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void one_server_at_a_time_has_a_folder() {
        Path data = folder.resolve("new/data");
        FolderLock first = FolderLock.take(data);
        assertThatThrownBy(() -> FolderLock.take(data))
                .hasMessage(data + ": another server works in it; expected a folder of its own. Remedy: stop the other"
                        + " server, or choose another folder.");
        first.close();
        FolderLock.take(data).close();
    }

    @Test
    void another_process_has_to_wait_also_after_a_second_try_in_this_one() throws Exception {
        FolderLock lock = FolderLock.take(folder);
        assertThatThrownBy(() -> FolderLock.take(folder)).isInstanceOf(AttunetException.class);
        assertThat(other()).isEqualTo("another server works in it");
        lock.close();
        assertThat(other()).isEqualTo("taken by FolderLock");
    }

    @Test
    void a_folder_that_can_not_be_locked_says_why() throws Exception {
        Files.createDirectories(folder.resolve(".server.lock/in the way"));
        assertThatThrownBy(() -> FolderLock.take(folder)).hasMessageContaining("it can't be locked (");
        Files.delete(folder.resolve(".server.lock/in the way"));
        Files.delete(folder.resolve(".server.lock"));
        FolderLock.take(folder).close();
    }
}
