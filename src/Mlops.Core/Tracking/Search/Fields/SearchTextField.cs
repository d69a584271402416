namespace Mlops.Tracking;

/// <summary>A text that searches compare and order by: <c>RunSearch.Param("kind").Is("ridge")</c>.</summary>
public class SearchTextField : SearchOrderField
{
    internal SearchTextField(SearchEntity entity, string key)
        : base(entity, key)
    {
    }

    /// <summary>Requires a text; case matters.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Is(string value) => Compare(SearchOperator.Equal, SearchValue.Of(value));

    /// <summary>Requires another text; what has none is not found.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The filter.</returns>
    public SearchFilter IsNot(string value) => Compare(SearchOperator.NotEqual, SearchValue.Of(value));

    /// <summary>Requires a text of a form; case matters.</summary>
    /// <param name="pattern">The form: <c>%</c> stands for any characters, <c>_</c> for one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Like(string pattern) => Compare(SearchOperator.Like, SearchValue.Of(pattern));

    /// <summary>Requires a text of a form; the case of the letters A to Z does not matter.</summary>
    /// <param name="pattern">The form: <c>%</c> stands for any characters, <c>_</c> for one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter ILike(string pattern) => Compare(SearchOperator.ILike, SearchValue.Of(pattern));
}
