package org.attunet.console;

/** The script that starts the programs, waits for them and passes signals on. */
public final class Launcher {
    /** The system property with the script's process id. */
    private static final String PROPERTY = "attunet.launcher";

    private static final int TERMINATED = 143;

    private Launcher() {}

    /** From now on, ends this process as SIGTERM does if the script ends first, as by SIGKILL, which it can't pass on. */
    public static void endWithIt() {
        Long id = Long.getLong(PROPERTY);
        if (id != null) {
            ProcessHandle.of(id)
                    .ifPresentOrElse(
                            script -> {
                                var unused = script.onExit().thenRun(() -> System.exit(TERMINATED));
                            },
                            () -> System.exit(TERMINATED));
        }
    }
}
