package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    @Test
    void help_lists_every_command_and_exits_with_0() {
        Program help = Program.run("--help");
        assertThat(help.code()).isZero();
        for (String command : commands().keySet()) {
            assertThat(help.out()).contains(command);
        }
    }

    @Test
    void every_command_explains_itself_with_an_example_and_takes_json() {
        commands().forEach((name, command) -> {
            Program help = Program.run(name, "--help");
            assertThat(help.code()).as(name).isZero();
            assertThat(help.out()).as(name).contains("Example", "attunet " + name);
            assertThat(help.out()).as(name).contains("--json");
        });
    }

    @Test
    void an_unknown_command_is_wrong_usage_and_exits_with_2() {
        Program program = Program.run("trian");
        assertThat(program.code()).isEqualTo(2);
        assertThat(program.err()).contains("trian", "Try 'attunet --help'");
        assertThat(program.out()).isEmpty();
    }

    @Test
    void no_command_is_wrong_usage() {
        assertThat(Program.run().code()).isEqualTo(2);
    }

    @Test
    void an_unknown_option_is_wrong_usage() {
        Program program = Program.run("completion", "--nonsense");
        assertThat(program.code()).isEqualTo(2);
        assertThat(program.err()).contains("--nonsense", "Try 'attunet completion --help'");
    }

    @Test
    void the_completion_script_knows_the_commands_and_is_accepted_by_bash() throws Exception {
        Program program = Program.run("completion");
        assertThat(program.code()).isZero();
        assertThat(program.out()).contains(commands().keySet());
        Process bash =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        try (var script = bash.getOutputStream()) {
            script.write(program.out().getBytes(StandardCharsets.UTF_8));
        }
        assertThat(bash.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(bash.exitValue()).isZero();
    }

    @Test
    void the_version_names_program_and_java() {
        assertThat(Program.run("--version").out()).contains("attunet ", "Java " + System.getProperty("java.version"));
    }

    /** Those that users are told of. */
    private static Map<String, CommandLine> commands() {
        Map<String, CommandLine> commands =
                new TreeMap<>(Main.commandLine(System.out, System.err).getSubcommands());
        commands.values()
                .removeIf(command -> command.getCommandSpec().usageMessage().hidden());
        return commands;
    }
}
