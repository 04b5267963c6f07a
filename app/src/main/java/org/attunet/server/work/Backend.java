package org.attunet.server.work;

/** What all routes compute with: the models, the queue in front of them, the segmentation of files, the folder on disk. */
public record Backend(ServedModels models, WorkQueue queue, CaseSegmenter segmenter, WorkFolder folder) {}
