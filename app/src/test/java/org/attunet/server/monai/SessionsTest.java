package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.attunet.server.http.HttpFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
    @TempDir
    private Path folder;

    @Test
    void uploads_under_way_count_as_sessions() {
        try (var sessions = new Sessions(folder.resolve("sessions"), 2)) {
            Path first = sessions.newFolder();
            Path second = sessions.newFolder();
            assertThatThrownBy(sessions::newFolder)
                    .isInstanceOf(HttpFailure.class)
                    .hasMessageContaining("2 sessions are open");
            sessions.discard(second);
            assertThat(second).doesNotExist();
            String id = sessions.open(first.resolve("image.nii"), "a", 0).id();
            Path third = sessions.newFolder();
            assertThatThrownBy(sessions::newFolder).isInstanceOf(HttpFailure.class);
            sessions.discard(third);
            sessions.remove(id);
            sessions.newFolder();
            sessions.newFolder();
        }
    }
}
