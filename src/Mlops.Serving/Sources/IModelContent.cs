namespace Mlops.Serving;

/// <summary>Where the files of a model directory are taken from, before they are verified in a place of their own.</summary>
internal interface IModelContent
{
    /// <summary>Gets what the model is called in messages.</summary>
    string Address { get; }

    /// <summary>Gets where the files are, for messages in place of the temporary copy's path.</summary>
    string Place { get; }

    /// <summary>Gets what is to be said of content that does not verify, after the address.</summary>
    string Damaged { get; }

    /// <summary>Gets whether content that does not verify now may do so soon: files that somebody is still copying.</summary>
    bool MaySettle { get; }

    /// <summary>Gets whether content without a manifest is given one.</summary>
    bool AllowMissingManifest { get; }

    /// <summary>Writes the files into a directory, which is there and empty.</summary>
    /// <exception cref="ModelLoadException">The content cannot be had, or must not be.</exception>
    Task WriteAsync(string target, CancellationToken cancellationToken);
}
