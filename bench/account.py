"""What both sides of a bench know: the accounts that are played, and what a peer says to everything."""

TOKEN = "bench"
APP_ID = "wx0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_bench"

BOT = 123456
BOT_TOKEN = f"{BOT}:a-token-of-the-bench"
SECRET = "secret-of-the-bench"

MENU = "你好，我是小礼。回复「贴士」看今天的贴士，「答题」来一题，「积分」看你的积分，「随手拍」报告问题。"
