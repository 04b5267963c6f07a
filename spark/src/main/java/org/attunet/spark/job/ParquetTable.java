package org.attunet.spark.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.attunet.error.AttunetException;
import org.attunet.spark.storage.LocalCopies;
import org.attunet.spark.storage.Storage;

/**
 * One Parquet file that appears whole or not at all, written by the driver. Spark would write one too, but its SQL engine
 * takes seconds to warm up, in which small jobs are done.
 */
public final class ParquetTable implements AutoCloseable {
    private final Storage storage;
    private final String uri;
    private final LocalCopies here;
    private final Path file;
    private final SimpleGroupFactory rows;
    private final ParquetWriter<Group> writer;
    private boolean closed;

    /**
     * Begins a table.
     *
     * @param uri of the file
     * @param schema in Parquet's own notation
     */
    public ParquetTable(Storage storage, String uri, String schema) {
        this.storage = storage;
        this.uri = uri;
        here = new LocalCopies(storage);
        MessageType type = MessageTypeParser.parseMessageType(schema);
        rows = new SimpleGroupFactory(type);
        file = here.folder().resolve("table.parquet");
        try {
            writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                    .withType(type)
                    .withConf(new PlainParquetConfiguration()) // Hadoop's takes its time to be read
                    .withWriteMode(ParquetFileWriter.Mode.CREATE)
                    .withCompressionCodec(CompressionCodecName.GZIP)
                    .build();
        } catch (IOException e) {
            here.close();
            throw unwritable(e);
        }
    }

    /** Adds a row. */
    public void add(Consumer<Group> values) {
        Group row = rows.newGroup();
        values.accept(row);
        try {
            writer.write(row);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Puts the table in its place, instead of one that is there. */
    public void finish() {
        try {
            closed = true;
            writer.close();
        } catch (IOException e) {
            throw unwritable(e);
        }
        storage.store(file, uri);
    }

    private AttunetException unwritable(IOException e) {
        return new AttunetException(
                file.toString(),
                "the table can't be written (" + e.getMessage() + ")",
                "room in the folder for temporary files",
                "free space, or name another folder with -Djava.io.tmpdir",
                e);
    }

    @Override
    public void close() {
        try {
            if (!closed) {
                writer.close();
            }
        } catch (IOException e) {
            // Nobody will read it.
        } finally {
            here.close();
        }
    }
}
