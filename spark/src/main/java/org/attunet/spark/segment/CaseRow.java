package org.attunet.spark.segment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A row of a job's table.
 *
 * @param scan what was to be segmented
 * @param status what became of it
 * @param mask the full address of its mask; null where there is none
 * @param volumes by the label's name in millilitres; empty where there is no mask
 * @param confidence of the mask, 0 to 1; null where there is no mask
 * @param seconds from opening the files to the mask's end; of a skipped case, when it was done
 * @param error why there is no mask; null where there is one
 * @param input the SHA-256 of the files' contents; null where they couldn't be read
 * @param recipe the name of models and settings
 */
record CaseRow(
        Scan scan,
        Status status,
        @Nullable String mask,
        Map<String, Double> volumes,
        @Nullable Double confidence,
        @Nullable Double seconds,
        @Nullable String error,
        @Nullable String input,
        String recipe) {

    /** What became of a case. */
    enum Status {
        /** It was segmented by this job. */
        DONE,
        /** Its mask was there, of the same content and recipe. */
        SKIPPED,
        /** There is no mask, and the row's error says why. */
        FAILED;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The table's columns. */
    static final StructType SCHEMA = new StructType()
            .add("case", DataTypes.StringType, false)
            .add("status", DataTypes.StringType, false)
            .add("files", DataTypes.createArrayType(DataTypes.StringType, false), false)
            .add("mask", DataTypes.StringType, true)
            .add("volume_ml", DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType, false), false)
            .add("confidence", DataTypes.DoubleType, true)
            .add("seconds", DataTypes.DoubleType, true)
            .add("error", DataTypes.StringType, true)
            .add("input_sha256", DataTypes.StringType, true)
            .add("recipe_sha256", DataTypes.StringType, false);

    /** The row of a case that got no mask. */
    static CaseRow failed(Scan scan, String error, @Nullable String input, String recipe) {
        return new CaseRow(scan, Status.FAILED, null, Map.of(), null, null, error, input, recipe);
    }

    /** As Spark has it. */
    Row row() {
        Map<String, Double> ordered = new LinkedHashMap<>(volumes);
        return RowFactory.create(
                scan.name(),
                status.word(),
                CollectionConverters.asScala(List.copyOf(scan.files())).toSeq(),
                mask,
                CollectionConverters.asScala(ordered),
                confidence,
                seconds,
                error,
                input,
                recipe);
    }
}
