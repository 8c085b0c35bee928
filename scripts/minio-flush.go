// Added to MinIO's package when it is built for tests. Its last sources wrap every response in a writer that cannot
// flush (minio#21651), so listenBucketNotification says nothing before some KiB are together. Forks that go on, such as
// Silo, have the same method.
package cmd

import "net/http"

func (w *trackingResponseWriter) Flush() {
	if flusher, ok := w.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
}
