using System.Globalization;

namespace Mlops.Serving;

/// <summary>Says that a source does not tell what is to be served: because a registry cannot be reached, an alias was removed, or a directory is away.</summary>
/// <param name="Since">When it was first asked in vain.</param>
/// <param name="Error">Why, when it was last asked.</param>
public sealed record SourceFault(DateTimeOffset Since, ModelLoadException Error)
{
    /// <summary>Describes the fault in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"since {Since:u}: {Error.Message}");
}
