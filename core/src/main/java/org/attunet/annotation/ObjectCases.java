package org.attunet.annotation;

import java.util.List;

/**
 * The images of a data set with their objects.
 *
 * @param layout how the data set keeps them
 * @param cases sorted by id, at least one
 * @param notes sentences about images and annotations that are left out
 */
public record ObjectCases(ObjectLayout layout, List<ObjectCase> cases, List<String> notes) {
    /**
     * Copies the lists.
     *
     * @param layout how the data set keeps them
     * @param cases sorted by id, at least one
     * @param notes sentences about images and annotations that are left out
     */
    public ObjectCases {
        cases = List.copyOf(cases);
        notes = List.copyOf(notes);
    }
}
