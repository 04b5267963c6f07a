package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void a_file_is_replaced_and_nothing_else_is_left() throws IOException {
        Path file = folder.resolve("a.txt");
        WholeFile.writeString(file, "one");
        WholeFile.writeString(file, "zwölf");
        assertThat(Files.readString(file)).isEqualTo("zwölf");
        assertThat(names()).containsExactly("a.txt");
    }

    @Test
    void missing_folders_are_made() throws IOException {
        Path file = folder.resolve("x/y/a.txt");
        WholeFile.write(file, new byte[] {1, 2});
        assertThat(Files.readAllBytes(file)).containsExactly(1, 2);
    }

    @Test
    void a_full_disk_leaves_the_old_file_and_no_temporary_one() throws IOException {
        Path file = folder.resolve("a.txt");
        WholeFile.writeString(file, "old");
        assertThatThrownBy(() -> WholeFile.write(file, out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("the disk is full");
        assertThat(Files.readString(file)).isEqualTo("old");
        assertThat(names()).containsExactly("a.txt");
    }

    @Test
    void a_body_that_fails_otherwise_leaves_nothing_and_its_exception_passes() throws IOException {
        Path file = folder.resolve("a.txt");
        assertThatThrownBy(() -> WholeFile.write(file, out -> {
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(names()).isEmpty();
    }

    @Test
    void a_file_system_that_refuses_writing_is_named() {
        assumeThat(Path.of("/proc/self")).as("a read-only file system").isDirectory();
        Path file = Path.of("/proc/self/mask.png");
        assertThatThrownBy(() -> WholeFile.writeString(file, "x"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("/proc/self/mask.png")
                .hasMessageContaining("writable folder");
    }

    @Test
    void a_file_in_place_of_a_folder_is_named() {
        WholeFile.writeString(folder.resolve("a"), "x");
        assertThatThrownBy(() -> WholeFile.writeString(folder.resolve("a/b.txt"), "x"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("b.txt");
        assertThatThrownBy(() -> WholeFile.writeString(folder, "x"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it is a folder");
    }

    @Test
    void temporary_files_of_a_killed_process_are_removed_and_those_of_others_kept() throws IOException {
        String machine = ownTemporary().replaceAll("\\.a\\.txt\\.([0-9a-f]{8})-.*", "$1");
        String other = machine.equals("00000000") ? "00000001" : "00000000";
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        List<String> kept = List.of(
                ".a.txt." + machine + "-" + parent + "-1.part", // of a process that runs
                ".a.txt." + other + "-99999999-1.part", // of another machine, which may be writing
                ".a.txt.notes.part");
        List<String> removed = List.of(
                ".a.txt." + machine + "-99999999-1.part",
                ".b.txt." + machine + "-99999999-1.part", // of another target
                ".a.txt." + machine + "-" + ProcessHandle.current().pid() + "-999999999.part",
                ".a.txt." + other + "-99999999-2.part");
        Path place = Files.createDirectory(folder.resolve("place"));
        for (String name : kept) {
            Files.createFile(place.resolve(name));
        }
        for (String name : removed) {
            Files.createFile(place.resolve(name));
        }
        Instant yesterday = Instant.now().minus(Duration.ofHours(25));
        Files.setLastModifiedTime(place.resolve(removed.get(3)), FileTime.from(yesterday));
        WholeFile.writeString(place.resolve("a.txt"), "x");
        List<String> expected = new ArrayList<>(kept);
        expected.add("a.txt");
        assertThat(place.toFile().list()).containsExactlyInAnyOrder(expected.toArray(String[]::new));
    }

    /** The name of a temporary file of this process. */
    private String ownTemporary() throws IOException {
        List<String> seen = new ArrayList<>();
        WholeFile.write(folder.resolve("a.txt"), out -> seen.addAll(names()));
        Files.delete(folder.resolve("a.txt"));
        return seen.get(0);
    }

    @Test
    void a_file_being_written_survives_a_scan_of_the_folder_under_another_name() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("real")));
        WholeFile.write(folder.resolve("real/a.txt"), out -> {
            WholeFile.writeString(link.resolve("b.txt"), "inner");
            out.write('x');
        });
        assertThat(folder.resolve("real/a.txt")).hasContent("x");
        assertThat(folder.resolve("real").toFile().list()).containsExactlyInAnyOrder("a.txt", "b.txt");
    }

    @Test
    void a_link_stays_a_link() throws IOException {
        WholeFile.writeString(folder.resolve("real"), "old");
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
        WholeFile.writeString(folder.resolve("link"), "new");
        assertThat(folder.resolve("link")).isSymbolicLink();
        assertThat(Files.readString(folder.resolve("real"))).isEqualTo("new");
    }

    @Test
    void writers_of_one_file_do_not_disturb_each_other() throws Exception {
        Path file = folder.resolve("a.txt");
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String text = String.valueOf((char) ('a' + t)).repeat(50_000);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 5; i++) {
                    WholeFile.writeString(file, text);
                }
            }));
        }
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (Thread thread : threads) {
            thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        String content = Files.readString(file);
        assertThat(content).hasSize(50_000).matches("(.)\\1*");
        assertThat(names()).containsExactly("a.txt");
    }

    @Test
    void a_file_moves_into_anothers_place_or_both_stay_where_they_are() throws IOException {
        Path hidden = Files.writeString(folder.resolve(".hidden"), "new");
        Path file = Files.writeString(folder.resolve("a.txt"), "old");
        WholeFile.move(hidden, file);
        assertThat(file).hasContent("new");
        assertThat(names()).containsExactly("a.txt");
        Files.createDirectories(folder.resolve("b.txt/in the way"));
        assertThatThrownBy(() -> WholeFile.move(file, folder.resolve("b.txt")))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith(folder.resolve("b.txt").toString());
        assertThat(file).hasContent("new");
        WholeFile.force(folder.resolve("missing")); // as good as it can
    }
}
