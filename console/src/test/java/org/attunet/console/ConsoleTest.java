package org.attunet.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
    @Test
    void the_names_of_a_model_from_elsewhere_do_not_command_the_terminal() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        Console console = new Console(RootCommand.utf8(out), RootCommand.utf8(err), false, 0);
        String name = "\u001b]0;title\u0007\u001b[31mGröße\r\u009b2J \u202e名\tµ\r\nend";
        console.message(name);
        console.result(JsonNodeFactory.instance::objectNode, () -> name);
        String plain = "?]0;title??[31mGröße??2J ?名\tµ\r\nend" + System.lineSeparator();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(plain);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo(plain);
    }
}
