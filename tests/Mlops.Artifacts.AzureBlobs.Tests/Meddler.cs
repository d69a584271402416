using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Sits between a client and the server, counts what is asked, and spoils what it is told to.</summary>
internal sealed class Meddler : DelegatingHandler
{
    private int _blocks;

    public Meddler()
        : base(new SocketsHttpHandler())
    {
    }

    /// <summary>Gets how many blocks were sent.</summary>
    public int Blocks => _blocks;

    /// <summary>Gets or sets what happens before a request is sent; what it returns is the answer.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? Before { get; set; }

    /// <summary>Gets or sets what happens after a request was answered.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, Task>? After { get; set; }

    public static bool IsBlock(HttpRequestMessage request) => request.Method == HttpMethod.Put && request.RequestUri!.Query.Contains("comp=block&", StringComparison.Ordinal);

    public static bool IsCommit(HttpRequestMessage request) => request.Method == HttpMethod.Put && request.RequestUri!.Query.Contains("comp=blocklist", StringComparison.Ordinal);

    public static HttpResponseMessage Answer(HttpStatusCode status, string code)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent("") };
        answer.Headers.Add("x-ms-error-code", code);
        return answer;
    }

    /// <summary>Makes options whose client goes through this, and gives up after a number of retries.</summary>
    public AzureBlobArtifactStoreOptions Options(int retries = 0, int parallelism = 2) => new()
    {
        BlockBytes = AzureBlobArtifactStoreOptions.MinBlockBytes,
        Parallelism = parallelism,
        ConfigureClient = options =>
        {
            options.Transport = new HttpClientTransport(this);
            options.Retry.MaxRetries = retries;
            options.Retry.Mode = RetryMode.Fixed;
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        },
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsBlock(request)) Interlocked.Increment(ref _blocks);
        if (Before?.Invoke(request) is { } answer)
        {
            answer.RequestMessage = request;
            return answer;
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (After is not null) await After(request, response);
        return response;
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Before?.Invoke(request) is { } answer) return answer;
        var response = base.Send(request, cancellationToken);
        After?.Invoke(request, response).GetAwaiter().GetResult();
        return response;
    }

    /// <summary>Makes the connection break after a number of bytes of the content.</summary>
    public static async Task BreakAsync(HttpResponseMessage response, int bytes)
    {
        var content = new StreamContent(new BreakingStream(await response.Content.ReadAsStreamAsync(), bytes));
        foreach (var header in response.Content.Headers) content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        response.Content = content;
    }

    private sealed class BreakingStream(Stream inner, int bytes) : Stream
    {
        private int _left = bytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_left == 0) throw new IOException("The connection was reset.");
            var read = inner.Read(buffer, offset, Math.Min(count, _left));
            _left -= read;
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0) throw new IOException("The connection was reset.");
            var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
