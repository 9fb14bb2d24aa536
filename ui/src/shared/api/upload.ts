/** How a file is sent: what becomes of it is told by the reply. */
export type Sending = {
  body: FormData | Blob;
  /** The media type; that of a form follows from the form. */
  type?: string;
  /** Told how much is over, from 0 to 1. */
  tell?: ((over: number) => void) | undefined;
  signal?: AbortSignal | undefined;
};

/** Posts a file and gives the reply for bodyOf. */
export async function upload(path: string, { body, type, tell, signal }: Sending) {
  // Only this way of asking tells how much was sent.
  const request = new XMLHttpRequest();
  const answered = new Promise<Response>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => {
      tell?.(total === 0 ? 0 : loaded / total);
    };
    request.onload = () => {
      const id = request.getResponseHeader('X-Request-Id');
      resolve(new Response(null, { status: request.status, headers: id === null ? {} : { 'X-Request-Id': id } }));
    };
    request.onerror = () => {
      reject(new TypeError('the server does not answer'));
    };
    request.onabort = () => {
      reject(new DOMException('nobody waits for it any more', 'AbortError'));
    };
  });
  signal?.addEventListener('abort', () => {
    request.abort();
  });
  request.open('POST', path);
  if (type !== undefined) request.setRequestHeader('Content-Type', type);
  request.send(body);
  const response = await answered;
  return { response, data: request.responseText, error: request.responseText };
}
