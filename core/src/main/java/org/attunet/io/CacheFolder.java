package org.attunet.io;

import java.nio.file.Path;

/** The user's folder for what can be computed again: {@code attunet} in {@code $XDG_CACHE_HOME} or {@code ~/.cache}. */
public final class CacheFolder {
    private CacheFolder() {}

    /** {@return the folder, which need not exist} */
    public static Path path() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path caches = xdg != null && Path.of(xdg).isAbsolute() ? Path.of(xdg) : home().resolve(".cache");
        return caches.resolve("attunet");
    }

    /** The user's home; the folder of temporary files for users without one, as containers have them. */
    private static Path home() {
        Path home = Path.of(System.getProperty("user.home", ""));
        return home.isAbsolute() ? home : Path.of(System.getProperty("java.io.tmpdir"));
    }
}
