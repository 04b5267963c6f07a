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
 * One Parquet file, written by the driver, whole or not at all. Spark could write one too, but its SQL engine takes seconds to
 * warm up, in which a small job is done.
 */
public final class ParquetTable implements AutoCloseable {
    private final Storage storage;
    private final String uri;
    private final LocalCopies temporary;
    private final Path file;
    private final SimpleGroupFactory rows;
    private final ParquetWriter<Group> writer;
    private boolean closed;

    /**
     * Opens a table.
     *
     * @param uri the file's full address
     * @param schema in Parquet's notation
     */
    public ParquetTable(Storage storage, String uri, String schema) {
        this.storage = storage;
        this.uri = uri;
        temporary = new LocalCopies(storage);
        MessageType type = MessageTypeParser.parseMessageType(schema);
        rows = new SimpleGroupFactory(type);
        file = temporary.folder().resolve("table.parquet");
        try {
            writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                    .withType(type)
                    .withConf(new PlainParquetConfiguration()) // Hadoop's is slow to load
                    .withWriteMode(ParquetFileWriter.Mode.CREATE)
                    .withCompressionCodec(CompressionCodecName.GZIP)
                    .build();
        } catch (IOException e) {
            temporary.close();
            throw noRoom(e);
        }
    }

    /** Adds a row, whose columns {@code values} fills in. */
    public void add(Consumer<Group> values) {
        Group row = rows.newGroup();
        values.accept(row);
        try {
            writer.write(row);
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    /** Completes the table and puts it at its address, replacing an old one. */
    public void finish() {
        try {
            closed = true;
            writer.close();
        } catch (IOException e) {
            throw noRoom(e);
        }
        storage.store(file, uri);
    }

    private static AttunetException noRoom(IOException e) {
        return LocalCopies.noRoom("the table", e);
    }

    @Override
    public void close() {
        try {
            if (!closed) {
                writer.close();
            }
        } catch (IOException e) {
            // The incomplete file is deleted anyway.
        } finally {
            temporary.close();
        }
    }
}
