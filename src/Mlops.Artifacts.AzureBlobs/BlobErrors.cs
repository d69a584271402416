using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Mlops.Artifacts.AzureBlobs;

/// <summary>Tells failures of the service. What it answered is told by its status and code only, because the rest may repeat parts of the credentials.</summary>
internal sealed class BlobErrors(BlobContainerClient container)
{
    public const string Backend = "azure blobs";

    /// <summary>Gets the address of the container, without the signature that its URI may carry.</summary>
    public string Place { get; } = container.Uri.GetLeftPart(UriPartial.Path);

    public static bool IsNotFound(RequestFailedException error) => error.Status == 404;

    public static bool IsContainerMissing(RequestFailedException error) => error.Status == 404 && Is(error, BlobErrorCode.ContainerNotFound);

    public static bool IsConditionNotMet(RequestFailedException error)
        => error.Status is 409 or 412 && (Is(error, BlobErrorCode.ConditionNotMet) || Is(error, BlobErrorCode.BlobAlreadyExists));

    /// <summary>Tells whether the blocks that were staged are gone: another write to the same path was completed meanwhile, or they expired.</summary>
    public static bool AreBlocksGone(RequestFailedException error) => error.Status == 400 && Is(error, BlobErrorCode.InvalidBlockList);

    /// <summary>Tells whether an exception is one of the service, the network or the credential, rather than of the caller.</summary>
    public static bool IsFailure(Exception error, CancellationToken cancellationToken) => error switch
    {
        MlopsException or ArgumentException or ObjectDisposedException or NotSupportedException or OutOfMemoryException => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => true,
    };

    public static bool IsTransient(Exception error) => error switch
    {
        RequestFailedException failed => failed.Status is 0 or 408 or 429 or 500 or 502 or 503 or 504 || Is(failed, BlobErrorCode.Md5Mismatch),
        AggregateException several => several.InnerExceptions.Count > 0 && several.InnerExceptions.All(IsTransient),
        OperationCanceledException or IOException or HttpRequestException => true,
        _ => false,
    };

    public StorageException Failed(string operation, string path, Exception error)
    {
        var answered = Answered(error);
        var message = answered switch
        {
            { Status: 401 or 403 } => $"the service refused the credentials ({Code(answered)}). Check that they are right, have not expired, and allow this operation on the container.",
            { Status: 400 } when Is(answered, BlobErrorCode.InvalidBlobOrBlock) =>
                "another program began to upload blocks to this path and did not finish. They expire after a week; write to another path meanwhile, or delete the blob.",
            { Status: > 0 } => $"the service answered {Code(answered)}.{(IsTransient(answered) ? " Try again later." : "")}",
            _ when IsTransient(error) => "the service could not be reached, or did not answer in time. Check the address and the network, and try again.",
            _ => $"{error.GetType().Name} was thrown while the request was prepared; check the credentials.",
        };
        // What a service answered may repeat parts of a signature, and what a credential says is not ours to know; the network tells no secrets.
        var inner = answered is null or { Status: 0 } && IsTransient(error) ? error : null;
        return new StorageException(Backend, operation, $"Could not {operation} '{path}' in '{Place}': {message}", inner) { IsTransient = IsTransient(error) };
    }

    public StorageException Tampered(string path, string problem) => new(
        Backend, "read artifact", $"The content of artifact '{path}' in '{Place}' is not what was written: {problem}. Do not use it; restore the blob from a copy, or write it again.");

    public StorageException Replaced(string path) => new(
        Backend, "read artifact", $"The artifact '{path}' in '{Place}' was written again or deleted while it was read; open it again.") { IsTransient = true };

    private static RequestFailedException? Answered(Exception error) => error switch
    {
        RequestFailedException failed => failed,
        AggregateException several => several.InnerExceptions.OfType<RequestFailedException>().LastOrDefault(),
        _ => null,
    };

    private static bool Is(RequestFailedException error, BlobErrorCode code) => CodeOf(error) == code.ToString();

    // Answers without a body tell it in a header.
    private static string? CodeOf(RequestFailedException error)
        => error.ErrorCode ?? (error.GetRawResponse()?.Headers.TryGetValue("x-ms-error-code", out var code) == true ? code : null);

    private static string Code(RequestFailedException error) => string.Create(CultureInfo.InvariantCulture, $"{error.Status} {CodeOf(error)}").TrimEnd();
}
