package org.attunet.console;

import picocli.CommandLine.IVersionProvider;

/** What {@code attunet --version} prints: the program's version and the Java machine under it. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "attunet " + number(),
            "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch")
        };
    }

    /** The version from the jar's manifest; "in development" where the classes run from a folder. */
    public static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "in development" : version;
    }
}
