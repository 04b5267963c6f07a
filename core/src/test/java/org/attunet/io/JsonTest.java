package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
    private static final String TWICE = "{\"seed\": 1,\n \"seed\": 2}";

    record Settings(int epochs, double rate) {}

    @TempDir
    Path folder;

    @Test
    void duplicate_keys_are_refused_in_own_files_and_the_last_counts_in_foreign_ones() throws Exception {
        Path file = Files.writeString(folder.resolve("a.json"), TWICE);
        assertThatThrownBy(() -> JsonFile.read(file, "a split"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("it is not JSON (line 2: Duplicate field 'seed')");
        assertThat(JsonFile.readForeign(file, "labels", "correct it")
                        .path("seed")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void keys_that_older_versions_did_not_write_may_be_missing_unless_all_are_required() throws Exception {
        assertThat(Json.OWN.readValue("{\"rate\": 2}", Settings.class)).isEqualTo(new Settings(0, 2));
        assertThatThrownBy(() -> Json.EXACT.readValue("{\"rate\": 2}", Settings.class))
                .isInstanceOf(JsonProcessingException.class)
                .hasMessageContaining("epochs");
    }

    @Test
    void numbers_of_another_kind_are_refused_where_values_must_be_exact() {
        for (String epochs : new String[] {"\"1\"", "1.5", "null"}) {
            assertThatThrownBy(() -> Json.EXACT.readValue("{\"rate\": 2, \"epochs\": " + epochs + "}", Settings.class))
                    .isInstanceOf(JsonProcessingException.class);
        }
    }
}
