package org.attunet.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code attunet completion}: prints a completion script for bash and zsh. */
@Command(
        name = "completion",
        description = "Print a completion script for bash and zsh.",
        footer = {"", "Example:", "  source <(./attunet completion)"})
final class CompletionCommand extends AttunetCommand {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        console().out().print(AutoComplete.bash("attunet", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
