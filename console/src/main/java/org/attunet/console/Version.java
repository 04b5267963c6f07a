package org.attunet.console;

import picocli.CommandLine.IVersionProvider;

/** The output of {@code attunet --version}: the program's version, and the Java version and system it runs on. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "attunet " + number(),
            "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch")
        };
    }

    /** Returns the version from the jar's manifest, or "in development" if the classes run from a folder. */
    public static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "in development" : version;
    }
}
