using System.Buffers;

namespace Mlops.Validation;

/// <summary>What takes the place of personal data: a label (<see cref="PiiRedaction"/>), a keyed hash (<see cref="PiiKeyedHash"/>) or a token (<see cref="PiiTokenisation"/>).</summary>
/// <remarks>
/// A mask stands in square brackets and has no digits, at signs or colons, so that neither it nor it and its neighbours can look like personal data again.
/// Safe for concurrent use.
/// </remarks>
public abstract class PiiMask
{
    private protected PiiMask()
    {
    }

    /// <summary>Gets the names of the kinds in masks.</summary>
    internal static string LabelOf(PiiKind? kind) => kind switch
    {
        PiiKind.Email => "email",
        PiiKind.Phone => "phone",
        PiiKind.Iban => "iban",
        PiiKind.Card => "card",
        PiiKind.Ip => "ip",
        _ => "text",
    };

    /// <summary>Writes what takes the place of a value.</summary>
    /// <param name="kind">Its kind; <see langword="null"/> for a whole text.</param>
    /// <param name="value">The value in the form that is the same for every way of writing it.</param>
    /// <param name="target">Receives the mask.</param>
    /// <param name="tokens">Receives what is to be kept, by token.</param>
    internal abstract void Write(PiiKind? kind, ReadOnlySpan<byte> value, IBufferWriter<byte> target, Dictionary<string, ReadOnlyMemory<byte>> tokens);

    /// <summary>Keeps tokens, before anybody gets to see them.</summary>
    internal virtual Task SaveAsync(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken) => Task.CompletedTask;
}
