namespace Mlops.Tracking;

/// <summary>Thrown when the text of a filter or of an order is not in the grammar.</summary>
public sealed class SearchSyntaxException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, where, and what to write instead.</param>
    /// <param name="text">The text.</param>
    /// <param name="position">Where in the text it is wrong, counted from 0.</param>
    public SearchSyntaxException(string message, string text, int position)
        : base(message) => (Text, Position) = (text, position);

    /// <summary>Gets the text that was read.</summary>
    public string Text { get; }

    /// <summary>Gets where in the text it is wrong, counted from 0; the length of the text where something is missing at its end.</summary>
    public int Position { get; }
}
