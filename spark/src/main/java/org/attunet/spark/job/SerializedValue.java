package org.attunet.spark.job;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A value in Java's serialization, which any serializer of a cluster can carry as bytes; Kryo, for one, handles neither records
 * nor unmodifiable lists.
 *
 * @param <T> the value's type
 */
public record SerializedValue<T>(byte[] bytes) {
    /** Serializes a value that is small or already compressed. */
    public static <T> SerializedValue<T> of(T value) {
        return of(value, Deflater.NO_COMPRESSION);
    }

    /** Serializes and compresses a value, for results that are kept in memory by the thousand. */
    public static <T> SerializedValue<T> compressed(T value) {
        return of(value, Deflater.BEST_SPEED);
    }

    private static <T> SerializedValue<T> of(T value, int level) {
        var bytes = new ByteArrayOutputStream();
        var deflater = new Deflater(level);
        try (var out = new ObjectOutputStream(new DeflaterOutputStream(bytes, deflater))) {
            out.writeObject(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end(); // frees its native memory
        }
        return new SerializedValue<>(bytes.toByteArray());
    }

    /** Deserializes the value. */
    @SuppressWarnings("unchecked")
    public T value() {
        try (var in = new ObjectInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes)))) {
            return (T) in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("attunet's jars differ between the machines of the cluster", e);
        }
    }
}
