package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.nio.file.Path;
import java.util.List;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Replies;
import org.attunet.server.http.Uploads;

/** {@code /session/}: temporary images, which 3D Slicer uploads for volumes that are not in the data store. */
record SessionRoutes(Sessions sessions, VolumeUploads uploads) {
    void addTo(RoutesConfig routes) {
        routes.put("/session/", this::open);
        routes.get("/session/{id}", this::get);
        routes.delete("/session/{id}", this::remove);
    }

    private void open(Context ctx) {
        if (RequestParams.flag(ctx, "uncompress", false)) {
            throw HttpFailure.unsuitable("archives are not accepted", "one volume as NIfTI (.nii, .nii.gz)");
        }
        int expiry = RequestParams.number(ctx, "expiry", 0);
        List<UploadedFile> files = ctx.isMultipartFormData() ? ctx.uploadedFiles("files") : List.of();
        if (files.size() != 1) {
            throw HttpFailure.unsuitable(
                    "the request holds " + files.size() + " files",
                    "one volume as NIfTI, as 'curl -F files=@scan.nii.gz' sends it");
        }
        Path folder = sessions.newFolder();
        boolean opened = false;
        try {
            Path image = uploads.storeImage(files.get(0), folder);
            Sessions.Session session =
                    sessions.open(image, Uploads.stem(files.get(0).filename()), expiry);
            opened = true;
            ObjectNode json = Json.object().put("session_id", session.id());
            Replies.json(ctx, json.set("session_info", session.json()));
        } finally {
            if (!opened) {
                sessions.discard(folder);
            }
        }
    }

    private void get(Context ctx) {
        Sessions.Session session = sessions.get(ctx.pathParam("id"), RequestParams.flag(ctx, "update_ts", false));
        if (RequestParams.flag(ctx, "image", false)) {
            Replies.file(ctx, session.image(), session.name() + Images.suffix(session.image()));
        } else {
            Replies.json(ctx, session.json());
        }
    }

    private void remove(Context ctx) {
        Sessions.Session session = sessions.get(ctx.pathParam("id"), false);
        sessions.remove(session.id());
        Replies.json(ctx, session.json());
    }
}
