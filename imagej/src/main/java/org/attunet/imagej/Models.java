package org.attunet.imagej;

import ij.IJ;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.attunet.bundle.Bundle;
import org.attunet.error.AttunetException;

/** The models that ImageJ's user has: bundles in {@code plugins/attunet}, in {@code models/attunet}, or beside the plugin's jar. */
final class Models {
    private Models() {}

    /** The bundles by their names without {@code .zip}, sorted in each folder. */
    static Map<String, Path> found() {
        Map<String, Path> found = new LinkedHashMap<>();
        for (Path folder : folders()) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(Bundle::looksLike).sorted().forEach(file -> found.putIfAbsent(name(file), file));
            } catch (IOException e) {
                // a folder that is missing or can't be read has no models
            }
        }
        return found;
    }

    /**
     * The bundle of a path or name.
     *
     * @throws AttunetException if there is none
     */
    static Path resolve(String pathOrName) {
        Path known = found().get(pathOrName);
        if (known != null) {
            return known;
        }
        try {
            Path path = Path.of(pathOrName);
            if (Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // reported below
        }
        Set<String> names = found().keySet();
        throw new AttunetException(
                pathOrName,
                "no such model",
                names.isEmpty() ? "the path of a model's zip file" : "a path, or one of " + String.join(", ", names),
                "check the path, or copy the model into " + folders().get(0));
    }

    private static List<Path> folders() {
        Set<Path> folders = new LinkedHashSet<>();
        String plugins = IJ.getDirectory("plugins");
        if (plugins != null) {
            folders.add(Path.of(plugins, "attunet"));
        }
        String program = IJ.getDirectory("imagej");
        if (program != null) {
            folders.add(Path.of(program, "models", "attunet"));
        }
        CodeSource source = Models.class.getProtectionDomain().getCodeSource();
        try {
            Path jar = source == null ? null : Path.of(source.getLocation().toURI());
            Path parent = jar == null ? null : jar.getParent();
            if (parent != null) {
                folders.add(parent);
            }
        } catch (URISyntaxException | RuntimeException e) {
            // loaded from elsewhere than a file
        }
        return List.copyOf(folders);
    }

    private static String name(Path bundle) {
        String name = String.valueOf(bundle.getFileName());
        return name.endsWith(".zip") ? name.substring(0, name.length() - 4) : name;
    }
}
