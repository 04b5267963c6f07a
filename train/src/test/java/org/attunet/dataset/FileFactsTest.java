package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "nothing is remembered there")
class FileFactsTest {
    @TempDir
    Path folder;

    private Path cache;
    private Path mask;
    private final List<String> reads = new ArrayList<>();

    @BeforeEach
    void mask() {
        cache = folder.resolve("cache/data/x.facts");
        mask = folder.resolve("Jane Doe_mask.png");
        write(7);
    }

    private void write(int labelled) {
        short[] voxels = new short[40];
        for (int i = 0; i < labelled; i++) {
            voxels[i] = 3;
        }
        Images.write(new LabelMap(Grid.of(8, 5), voxels), mask);
    }

    /** The labelled pixels as a command finds them that runs later than the mask's last change. */
    private int command() {
        FileFacts facts = new FileFacts(cache, () -> Instant.now().plusSeconds(60));
        int labelled = facts.of("count", mask, Integer.class, this::count, n -> true);
        facts.save();
        return labelled;
    }

    private int count() {
        reads.add("read");
        return (int) MaskValues.read(mask, -1).voxels()[0];
    }

    @Test
    void an_unchanged_file_is_read_once() throws Exception {
        assertThat(command()).isEqualTo(7);
        assertThat(command()).isEqualTo(7);
        assertThat(reads).hasSize(1);
        assertThat(Files.readString(cache)).doesNotContain("Jane");
    }

    @Test
    void a_changed_file_is_read_again_even_if_it_looks_the_same() throws Exception {
        command();
        var time = Files.getLastModifiedTime(mask);
        byte[] other = Files.readAllBytes(mask);
        write(8);
        byte[] changed = Files.readAllBytes(mask);
        assertThat(changed).isNotEqualTo(other);
        Files.setLastModifiedTime(mask, time);
        assertThat(command()).isEqualTo(8);
        assertThat(reads).hasSize(2);
    }

    @Test
    void a_mask_is_the_same_read_or_remembered() {
        List<MaskValues> masks = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            FileFacts facts = new FileFacts(cache, () -> Instant.now().plusSeconds(60));
            masks.add(KeptMask.read(mask, mask, null, -1, note -> {}, facts));
            facts.save();
        }
        assertThat(cache).isRegularFile();
        assertThat(masks.get(1)).usingRecursiveComparison().isEqualTo(masks.get(0));
        assertThat(masks.get(1)).usingRecursiveComparison().isEqualTo(MaskValues.read(mask, -1));
    }

    @Test
    void what_changed_just_now_is_not_remembered() {
        for (int k = 0; k < 2; k++) {
            FileFacts facts = new FileFacts(cache, Instant::now);
            facts.of("count", mask, Integer.class, this::count, n -> true);
            facts.save();
        }
        assertThat(reads).hasSize(2);
        assertThat(cache).doesNotExist();
    }

    @Test
    void a_damaged_cache_is_none_and_old_ones_go() throws Exception {
        command();
        String whole = Files.readString(cache);
        for (String damaged : List.of("", "x", whole.substring(0, whole.length() / 2), whole.replace("7", "9"))) {
            Files.writeString(cache, damaged);
            reads.clear();
            assertThat(command()).isEqualTo(7);
            assertThat(reads).hasSize(1);
        }
        for (int k = 0; k < 60; k++) {
            Path old = Files.writeString(cache.resolveSibling(k + ".facts"), "old");
            Files.setLastModifiedTime(old, java.nio.file.attribute.FileTime.fromMillis(1000L * k));
        }
        write(9);
        command();
        try (var files = Files.list(cache.getParent())) {
            assertThat(files.toList()).hasSize(50).contains(cache);
        }
    }
}
