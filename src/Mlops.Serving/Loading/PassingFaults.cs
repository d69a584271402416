using System.Net.Sockets;

namespace Mlops.Serving;

/// <summary>Tells what may be gone when a load is tried again – a registry, a store or a disk that does not answer now – from what is wrong with the model.</summary>
internal static class PassingFaults
{
    public static bool MayPass(this Exception error) => error switch
    {
        MlopsException known => known.IsTransient,
        EndOfStreamException or FileNotFoundException or DirectoryNotFoundException => false, // The files were verified: it is the model that lacks something.
        IOException or UnauthorizedAccessException or TimeoutException or HttpRequestException or SocketException => true,
        OperationCanceledException { InnerException: TimeoutException } => true, // As an HttpClient tells of its timeout.
        _ => false,
    };

    /// <summary>Tells whether a load that failed is tried again by itself: where the fault may pass, and where something is not registered, which may be so later.</summary>
    public static bool IsTriedAgain(this ModelLoadException error) => error.IsTransient || error.InnerException is EntityNotFoundException;
}
