package org.attunet.spark.storage;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * A file system that isn't the local one, {@code far://host/path}, though its files are; so that nothing may be read or written
 * but through Hadoop. Like many it renames to no name that is taken.
 */
public final class FarFileSystem extends RawLocalFileSystem {
    /** Its address. */
    public static final URI URI_OF_IT = URI.create("far://host/");

    @Override
    public void initialize(URI uri, Configuration configuration) throws IOException {
        super.initialize(URI_OF_IT, configuration);
        setConf(configuration);
    }

    @Override
    public URI getUri() {
        return URI_OF_IT;
    }

    @Override
    public String getScheme() {
        return URI_OF_IT.getScheme();
    }

    @Override
    protected void checkPath(Path path) {
        String scheme = path.toUri().getScheme();
        if (scheme != null && !scheme.equals(getScheme())) {
            throw new IllegalArgumentException("Wrong FS: " + path);
        }
    }

    @Override
    public java.io.File pathToFile(Path path) {
        return new java.io.File(path.toUri().getPath());
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
        return far(super.getFileStatus(new Path("file", "", path.toUri().getPath())));
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
        FileStatus[] found = super.listStatus(new Path(path.toUri().getPath()));
        for (int k = 0; k < found.length; k++) {
            found[k] = far(found[k]);
        }
        return found;
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        return !Files.exists(pathToFile(to).toPath()) && super.rename(from, to);
    }

    private FileStatus far(FileStatus status) {
        Path path = new Path(getScheme(), "host", status.getPath().toUri().getPath());
        return new FileStatus(
                status.getLen(), status.isDirectory(), 1, status.getBlockSize(), status.getModificationTime(), path);
    }
}
