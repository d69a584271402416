using Microsoft.Extensions.Logging;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>The note of the version that a slot served last, for a start without the registry. One call at a time.</summary>
/// <param name="name">The name of the model.</param>
/// <param name="source">Where it comes from.</param>
/// <param name="notes">Where notes are kept; <see langword="null"/> where none are.</param>
/// <param name="logger">Where it logs.</param>
internal sealed partial class LastServed(string name, ModelSource source, LastGood? notes, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private ModelVersion? _noted;

    /// <summary>Gets whether notes are kept.</summary>
    public bool IsKept => notes is not null;

    /// <summary>Reads the note.</summary>
    /// <returns>The version; <see langword="null"/> where there is none.</returns>
    public async Task<ModelVersion?> FindAsync(CancellationToken cancellationToken)
        => notes is null ? null : await notes.FindAsync(name, source.Address, cancellationToken).ConfigureAwait(false);

    /// <summary>Notes a version. Never fails: it serves all the same, and is noted the next time.</summary>
    public async Task NoteAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (notes is null || _noted is { } noted && noted.IsSameAs(version)) return;
        try
        {
            await notes.WriteAsync(name, source.Address, version, cancellationToken).ConfigureAwait(false);
            _noted = version;
        }
        catch (Exception error)
        {
            if (!error.IsCancellation(cancellationToken)) LogNoteFailed(error, name);
        }
    }

    [LoggerMessage(3018, LogLevel.Warning, "It could not be noted which version of {Model} is served; after a restart without the registry an older one, or none, would be.", EventName = "NoteFailed")]
    private partial void LogNoteFailed(Exception error, string model);
}
